"""The live simulator's own clients: MLLP, HTTP and a drop folder. Each gives a delivery over, or says why not."""
