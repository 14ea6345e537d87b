using System.Collections.Immutable;
using GpuStack.Modeling.LlamaCpp.Parts;

namespace GpuStack.Modeling.LlamaCpp.Fits;

/// <summary>
/// Which of a repository's files fit, by their sizes: one header was read, and the others' weights are taken to lie in the same
/// proportions. An approximation that reads nothing more.
/// </summary>
public static class FileSearch
{
    /// <summary>Every file, the largest first.</summary>
    /// <param name="files">Path, quantization and size of each model.</param>
    /// <param name="known">The size of the files whose header was read.</param>
    /// <param name="server">What is loaded, with the model whose header was read.</param>
    /// <param name="options">The server's settings.</param>
    /// <param name="usable">Memory of each device that the server may use, RPC devices first.</param>
    /// <param name="rpcDevices">How many devices, from the front, are RPC devices.</param>
    /// <param name="shares">The tensor split; null: the best split is looked for.</param>
    public static ImmutableArray<FileFit> Of(
        IEnumerable<(string Path, string? Quantization, Bytes Size)> files,
        Bytes known,
        LlamaCppServer server,
        LlamaCppOptions options,
        ImmutableArray<Bytes> usable,
        int rpcDevices,
        IReadOnlyList<float>? shares = null) =>
    [
        .. files.OrderByDescending(file => file.Size).ThenBy(file => file.Path, StringComparer.Ordinal).Select(file => new FileFit
        {
            Path = file.Path,
            Quantization = file.Quantization,
            Size = file.Size,
            Fits = FitSearch.Create(server with { Model = Scaled(server.Model, (double)file.Size.Value / known.Value) }, usable, rpcDevices, shares)
                .Split(options) is not null,
        }),
    ];

    private static LlamaCppModel Scaled(LlamaCppModel model, double factor)
    {
        long Times(long bytes) => (long)Math.Ceiling(bytes * factor);
        return model with
        {
            TotalWeightBytes = new(Times(model.TotalWeightBytes.Value)),
            InputWeights = new(Times(model.InputWeights.Value)),
            SharedWeights = model.SharedWeights,
            LayerWeights = [.. model.LayerWeights.Select(Times)],
        };
    }
}
