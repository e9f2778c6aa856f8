using System.CommandLine;
using Collector.Commands;
using Collector.Commands.Doctor;
using Collector.Commands.Import;

return await CommandLine.RunAsync(args, Commands);

/// <summary>The process: a command line.</summary>
internal partial class Program
{
    /// <summary>Create the commands, in the order in which the help shows them.</summary>
    public static Func<CommandRunner, Command>[] Commands =>
    [
        ServeCommand.Create,
        LogsCommand.Create,
        TraceCommand.Create,
        StatsCommand.Create,
        SendTestCommand.Create,
        KeysCommand.Create,
        LoginCommand.Create,
        SqlCommand.Create,
        ExportCommand.Create,
        ImportCommand.Create,
        BackupCommand.Create,
        RestoreCommand.Create,
        DoctorCommand.Create,
        HealthCommand.Create,
    ];
}
