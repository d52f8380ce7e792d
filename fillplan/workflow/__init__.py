"""The use cases, each a recipe: one typed value in, one out, no printing, no parsing of options."""
