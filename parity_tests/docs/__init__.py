"""The pages of documentation run as printed, and figures and plots show the numbers that they are of."""
