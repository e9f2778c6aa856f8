using Collector.Hosting;

return await CollectorProgram.RunAsync(args);
