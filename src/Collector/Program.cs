using Collector.Commands;

return await CommandLine.RunAsync(args);
