"""The whole placement program, stated in PuLP and solved by HiGHS: the reference for small groups."""
