from feedwatch.cli.app import main

main()
