"""Have we told it already? Values in, values out."""
