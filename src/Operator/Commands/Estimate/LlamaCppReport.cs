using System.Collections.Immutable;
using System.CommandLine;
using GpuStack.Modeling;
using GpuStack.Modeling.Hubs;
using GpuStack.Modeling.LlamaCpp;
using GpuStack.Modeling.LlamaCpp.Fits;
using GpuStack.Modeling.LlamaCpp.Parts;
using GpuStack.Modeling.LlamaCpp.Projectors;

namespace GpuStack.Operator.Commands.Estimate;

/// <summary>The answer of <c>estimate</c> for llama.cpp: the memory, and what fits where the devices' memory is known.</summary>
internal sealed record LlamaCppReport
{
    public required LlamaCppRequest Request { get; init; }

    public required MemoryEstimate Estimate { get; init; }

    /// <summary>Whether every device holds what the estimate puts on it; null when its memory is unknown.</summary>
    public bool? Fits { get; init; }

    /// <summary>The largest context with every layer on a device; null when none fits, or memory is unknown.</summary>
    public ContextFit? Largest { get; init; }

    /// <summary>The most layers that fit, where not all do.</summary>
    public LayerFit? Layers { get; init; }

    /// <summary>The usual quantizations, the best first; sizes by llama-quantize's rules.</summary>
    public ImmutableArray<QuantizationFit> Quantizations { get; init; } = [];

    /// <summary>The repository's own files, the largest first.</summary>
    public ImmutableArray<FileFit> Files { get; init; } = [];

    /// <summary>Reads the other parts and answers.</summary>
    public static async Task<LlamaCppReport> CreateAsync(
        ParseResult call, EstimateOptions options, ReadModel model, TextWriter error, CancellationToken cancellationToken)
    {
        LlamaCppModel facts = ModelLocations.LlamaCpp(model);
        LlamaCppRequest request = LlamaCppRequest.Of(call, options, facts);
        if (call.GetValue(options.ProjectorOnHost) && call.GetValue(options.Projector) is null)
        {
            throw new InputException("--no-mmproj-offload is about a projector; name one with --mmproj.");
        }

        var server = new LlamaCppServer
        {
            Model = facts,
            DraftOptions = request.DraftOptions,
            ProjectorOnHost = call.GetValue(options.ProjectorOnHost),
            Projector = call.GetValue(options.Projector) is { } projector
                ? ModelLocations.Facts(await ModelLocations.ReadAsync(projector, ModelFormat.Gguf, error, cancellationToken), ProjectorModel.FromGguf)
                : null,
            Draft = call.GetValue(options.Draft) is { } draft ? await ModelLocations.ReadLlamaCppAsync(draft, error, cancellationToken) : null,
        };
        return request.Memory.IsEmpty || request.Devices == 0 ? Alone(server, request) : Fitted(server, request, model);
    }

    private static LlamaCppReport Alone(LlamaCppServer server, LlamaCppRequest request)
    {
        int layers = Math.Min(request.GpuLayers ?? int.MaxValue, server.Model.BlockCount + 1);
        var split = new DeviceSplit
        {
            LayersPerDevice = request.Devices == 0 ? [] : LayerSplit.LayersPerDevice(layers, request.SharesOrEqual),
            RpcDevices = request.RpcDevices,
        };
        return new LlamaCppReport { Request = request, Estimate = server.Estimate(request.Options, split, request.Devices == 0 ? null : request.SharesOrEqual) };
    }

    private static LlamaCppReport Fitted(LlamaCppServer server, LlamaCppRequest request, ReadModel model)
    {
        FitSearch search = FitSearch.Create(server, request.Usable, request.RpcDevices, request.Shares);
        LlamaCppReport report = Alone(server, request);
        if (request is { Shares: null, GpuLayers: null } && search.Split(request.Options) is { } best)
        {
            report = report with { Estimate = server.Estimate(request.Options, best) };
        }

        bool fits = search.Fits(report.Estimate);
        return report with
        {
            Fits = fits,
            Largest = search.LargestContext(request.Options),
            Layers = fits ? null : search.MostLayers(request.Options),
            Files = RepositoryFiles(server, request, model),
            Quantizations = QuantizationSearch.Of(model.Header!, server, request.Options, request.Usable, request.RpcDevices, request.Shares),
        };
    }

    private static ImmutableArray<FileFit> RepositoryFiles(LlamaCppServer server, LlamaCppRequest request, ReadModel model) =>
        model.Size is { Value: > 0 } size
            ? FileSearch.Of(
                model.Variants.Where(variant => variant.Size > 0).Select(variant => (variant.Path, variant.Quantization, new Bytes(variant.Size!.Value))),
                size, server, request.Options, request.Usable, request.RpcDevices, request.Shares)
            : [];
}
