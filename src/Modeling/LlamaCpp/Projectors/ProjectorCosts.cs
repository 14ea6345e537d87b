namespace GpuStack.Modeling.LlamaCpp.Projectors;

/// <summary>
/// What llama-server books for a projector (<c>--mmproj</c>). It lies whole on the first GPU of the server's own node, on the
/// first RPC device where that node has none, and on the host with <c>--no-mmproj-offload</c>; layers are never divided.
/// </summary>
public sealed record ProjectorCosts
{
    private ProjectorCosts()
    {
    }

    /// <summary>Weights.</summary>
    public Bytes Weight { get; private init; }

    /// <summary>The compute buffer where the projector lies, as it is after the warm-up; larger images make it grow.</summary>
    public Bytes Compute { get; private init; }

    /// <summary>The compute buffer of the host when the projector lies on a device: the inputs.</summary>
    public Bytes HostCompute { get; private init; }

    /// <summary>True when a tower's type is unknown to the formulas, and its compute buffer is an upper bound.</summary>
    public bool UpperBound { get; private init; }

    /// <summary>The costs of a projector.</summary>
    /// <param name="model">The projector.</param>
    /// <param name="flashAttention">Flash attention (<c>-fa</c>); the projector follows the server's setting.</param>
    public static ProjectorCosts Create(ProjectorModel model, bool flashAttention)
    {
        long compute = 0, host = 0;
        bool bound = false;
        foreach (ProjectorTower tower in model.Towers)
        {
            bool known = TowerGraph.IsKnown(tower);
            (long buffer, long inputs) = known ? TowerGraph.Sizes(tower, flashAttention) : TowerBound.Sizes(tower);
            compute += buffer;
            host += inputs;
            bound |= !known;
        }

        return new ProjectorCosts { Weight = model.Weight, Compute = new(compute), HostCompute = new(host), UpperBound = bound };
    }
}
