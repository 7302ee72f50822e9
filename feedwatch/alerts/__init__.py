"""Who must know, when and how? Values in, values out."""
