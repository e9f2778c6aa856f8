using System.CommandLine;

namespace Collector.Commands;

/// <summary><c>collector serve</c>, which is also what happens without a command.</summary>
internal static class ServeCommand
{
    public const string Name = "serve";

    public static Command Create(CommandRunner runner)
    {
        var command = new ExampleCommand(
            Name, "Takes in records and answers questions until it is told to stop (the default).",
            "collector serve", "collector --Storage:Path=/var/lib/collector --Retention:MaxAge=3.00:00:00");
        command.SetAction((_, _) => runner.ServeAsync());
        return command;
    }
}
