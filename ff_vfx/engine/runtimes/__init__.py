"""What runs a loaded network: ONNX Runtime, OpenCV, torch, TensorRT, and what they share. Read by engine.model."""
