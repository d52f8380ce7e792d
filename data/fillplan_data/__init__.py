"""fillplan's tables: declared once, read from CSV or Parquet, checked in one pass, made synthetically."""
