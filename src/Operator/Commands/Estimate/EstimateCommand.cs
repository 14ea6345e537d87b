using System.CommandLine;
using System.Text.Json;
using GpuStack.Modeling;
using GpuStack.Modeling.LlamaCpp;

namespace GpuStack.Operator.Commands.Estimate;

/// <summary><c>estimate MODEL</c>: the memory that a model needs, per part and device.</summary>
internal static class EstimateCommand
{
    private static readonly JsonSerializerOptions Json = new() { WriteIndented = true };

    public static Command Create()
    {
        var options = new EstimateOptions();
        var command = new Command("estimate", "Shows what memory a model needs on every device and on the host.") { options.Model };
        foreach (Option option in options.All)
        {
            command.Add(option);
        }

        command.SetAction((call, cancellationToken) => RunAsync(call, options, cancellationToken));
        return command;
    }

    private static async Task<int> RunAsync(ParseResult call, EstimateOptions options, CancellationToken cancellationToken)
    {
        RefuseWhatComesLater(call, options);
        LlamaCppModel model = await ModelFactsReader.ReadAsync(call.GetRequiredValue(options.Model), cancellationToken);
        EstimateRequest request = EstimateRequest.Of(call, options, model);
        MemoryEstimate estimate = LlamaCppCosts.Create(model, request.Options).Estimate(request.Split);
        TextWriter output = call.InvocationConfiguration.Output;
        if (call.GetValue(options.Output) == "json")
        {
            await output.WriteLineAsync(MemoryEstimateJson.ToJson(estimate).ToJsonString(Json));
        }
        else
        {
            EstimateTable.Write(output, estimate, request);
        }

        return ExitCodes.Success;
    }

    private static void RefuseWhatComesLater(ParseResult call, EstimateOptions options)
    {
        string engine = call.GetRequiredValue(options.Engine);
        if (engine != EstimateOptions.LlamaCpp)
        {
            throw new InputException($"--engine {engine}: only LlamaCpp can be estimated yet; leave --engine out.");
        }

        foreach (Option option in (Option[])[options.Projector, options.Draft])
        {
            if (call.GetResult(option) is not null)
            {
                throw new InputException($"{option.Name}: projectors and draft models cannot be estimated yet; leave it out.");
            }
        }

        foreach (Option option in (Option[])[options.TensorParallel, options.PipelineParallel, options.GpuMemoryUtilization])
        {
            if (call.GetResult(option) is not null)
            {
                throw new InputException($"{option.Name} is for vLLM and SGLang; llama.cpp takes --devices and --tensor-split.");
            }
        }
    }
}
