namespace GpuStack.Modeling.LlamaCpp.Fits;

/// <summary>How many layers fit on the devices.</summary>
public sealed record LayerFit
{
    /// <summary>Layers on devices (<c>-ngl</c>), counted from the output layer; 0: all stay on the host.</summary>
    public required int Layers { get; init; }

    /// <summary>The same layers per device.</summary>
    public required DeviceSplit Split { get; init; }
}
