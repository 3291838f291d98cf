"""The four ways in: MLLP, HTTP, a drop folder and the command line. All end in one durable inbox (I1)."""
