"""The command line: stdout is data, stderr is logs. Heavy imports wait until a command needs them."""
