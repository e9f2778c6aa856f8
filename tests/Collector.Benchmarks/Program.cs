using Collector.Benchmarks;
using Collector.Benchmarks.Browser;
using Collector.Benchmarks.Load;
using Collector.Benchmarks.Support;

if (args is ["load", ..])
{
    await new LoadCommand(LoadOrder.Read(Arguments.Parse(args, LoadOrder.Options))).RunAsync();
    return 0;
}

IBenchmark[] benchmarks =
[
    new CpuPerRecord(), new Rate(), new Growth(), new Lookup(), new Deletion(), new Memory(), new Startup(), new Allocation(),
    new Endpoints(), new Metrics(), new Queries(), new LiveReaders(), new Dashboard(),
    new TailStream(), new TailVisible(), new TextSearch(), new Micro(),
];
if (benchmarks.SingleOrDefault(b => args.Length > 0 && b.Name == args[0]) is not { } benchmark)
{
    Console.WriteLine("Usage: <name> [--rows N] [--seconds N], where name is one of");
    foreach (var known in benchmarks)
    {
        Console.WriteLine($"  {known.Name,-16}{known.What}");
    }

    return args.Length == 0 ? 0 : 2;
}

Children.EndWithThisProgram();
var verdicts = new Verdicts();
try
{
    await benchmark.RunAsync(Arguments.Parse(args, "--rows", "--seconds"), verdicts);
    return verdicts.HasFailed ? 1 : 0;
}
catch (Exception e) when (e is ArgumentException or InvalidOperationException or TimeoutException or OperationCanceledException)
{
    Console.Error.WriteLine($"{benchmark.Name} could not be measured: {e.Message}");
    return e is ArgumentException ? 2 : 3;
}
