"""Units of tables and outputs: decimal, as disks and traffic are sold."""

BYTES_PER_GB = 1e9
BYTES_PER_TB = 1e12
