"""Google Hash Code 2017, "Streaming videos": a public benchmark of placement in meshes."""
