using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Running;
using BenchmarkDotNet.Toolchains.InProcess.Emit;
using Gateway.Benchmarks.Traffic;

if (args is ["fill", ..])
{
    return await FillCommand.RunAsync(args[1..]);
}

// In process: the build's artifacts layout is not one that BenchmarkDotNet's own project generator finds its way in.
BenchmarkSwitcher.FromAssembly(typeof(FillCommand).Assembly)
    .Run(args, DefaultConfig.Instance.AddJob(Job.ShortRun.WithToolchain(InProcessEmitToolchain.Instance)));
return 0;
