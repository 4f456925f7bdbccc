import ToteCommands

ToteCommand.start()
