"""fillplan: forecast demand, pack edge caches, publish fill manifests."""

__version__ = "0.1.0"
