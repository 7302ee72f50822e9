#compdef feedwatch

_feedwatch_completion() {
  eval $(env _TYPER_COMPLETE_ARGS="${words[1,$CURRENT]}" _FEEDWATCH_COMPLETE=complete_zsh feedwatch)
}

compdef _feedwatch_completion feedwatch

