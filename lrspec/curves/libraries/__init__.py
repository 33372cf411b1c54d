"""The curves of other libraries and of papers, a module for each: ``curves.transformers``, ``curves.timm``, ..."""
