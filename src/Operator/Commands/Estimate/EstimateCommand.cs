using System.CommandLine;
using System.Text.Json;
using GpuStack.Modeling.Hubs;

namespace GpuStack.Operator.Commands.Estimate;

/// <summary><c>estimate MODEL</c>: the memory that a model needs, per part and device, and what fits.</summary>
internal static class EstimateCommand
{
    private static readonly JsonSerializerOptions Json = new() { WriteIndented = true };

    public static Command Create()
    {
        var options = new EstimateOptions();
        var command = new Command("estimate", "Shows what memory a model needs on every device and on the host, and what fits.") { options.Model };
        foreach (Option option in options.All)
        {
            command.Add(option);
        }

        command.SetAction((call, cancellationToken) => RunAsync(call, options, cancellationToken));
        return command;
    }

    private static async Task<int> RunAsync(ParseResult call, EstimateOptions options, CancellationToken cancellationToken)
    {
        string location = call.GetRequiredValue(options.Model);
        string? engine = call.GetValue(options.Engine);
        if (engine is not null)
        {
            RefuseOthers(call, options, engine);
        }

        bool gguf = location == ModelLocations.StandardInput || location.EndsWith(".gguf", StringComparison.OrdinalIgnoreCase);
        if (gguf && engine is (EstimateOptions.Vllm or EstimateOptions.Sglang))
        {
            throw new InputException($"{location}: is a GGUF file; {engine} is estimated from a folder of safetensors files, name one, or leave --engine out.");
        }

        TextWriter error = call.InvocationConfiguration.Error;
        ReadModel model = await ModelLocations.ReadAsync(location, Format(engine), error, cancellationToken);
        engine ??= model.Header is not null ? EstimateOptions.LlamaCpp : EstimateOptions.Vllm;
        RefuseOthers(call, options, engine);
        bool json = call.GetValue(options.Output) == "json";
        TextWriter output = call.InvocationConfiguration.Output;
        if (engine == EstimateOptions.LlamaCpp)
        {
            LlamaCppReport report = await LlamaCppReport.CreateAsync(call, options, model, error, cancellationToken);
            if (json)
            {
                await output.WriteLineAsync(EstimateJson.Of(report).ToJsonString(Json));
            }
            else
            {
                LlamaCppTable.Write(output, report);
            }
        }
        else
        {
            ServingReport report = ServingReport.Create(call, options, engine, model.Transformer!);
            if (json)
            {
                await output.WriteLineAsync(EstimateJson.Of(report).ToJsonString(Json));
            }
            else
            {
                ServingTable.Write(output, report);
            }
        }

        return ExitCodes.Success;
    }

    private static ModelFormat? Format(string? engine) => engine switch
    {
        null => null,
        EstimateOptions.LlamaCpp => ModelFormat.Gguf,
        _ => ModelFormat.Safetensors,
    };

    private static void RefuseOthers(ParseResult call, EstimateOptions options, string engine)
    {
        bool llamaCpp = engine == EstimateOptions.LlamaCpp;
        foreach (Option option in llamaCpp ? options.OfServing : options.OfLlamaCpp)
        {
            if (call.GetResult(option) is { Implicit: false })
            {
                throw new InputException(llamaCpp
                    ? $"{option.Name} is for vLLM and SGLang; llama.cpp takes --devices, --tensor-split and the like."
                    : $"{option.Name} is for llama.cpp; {engine} takes --tensor-parallel, --gpu-memory-utilization and the like.");
            }
        }
    }
}
