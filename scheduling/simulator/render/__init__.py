"""Truth into bytes: one renderer per format, each speaking its source's dialect."""
