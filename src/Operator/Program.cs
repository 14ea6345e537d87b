using GpuStack.Operator.Commands;

return await GpuStackProgram.RunAsync(args, Environment.GetCommandLineArgs()[0]);
