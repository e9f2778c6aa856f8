using Collector.Commands;
using Collector.Commands.Doctor;

return await CommandLine.RunAsync(
    args,
    ServeCommand.Create,
    LogsCommand.Create,
    TraceCommand.Create,
    StatsCommand.Create,
    SendTestCommand.Create,
    SqlCommand.Create,
    ExportCommand.Create,
    DoctorCommand.Create,
    HealthCommand.Create);
