namespace GpuStack.Kubernetes.Client;

/// <summary>How to apply.</summary>
public sealed record ApplyOptions
{
    /// <summary>A field manager's options.</summary>
    public ApplyOptions()
    {
    }

    /// <summary>A field manager's options.</summary>
    [System.Diagnostics.CodeAnalysis.SetsRequiredMembers]
    public ApplyOptions(string fieldManager, bool force = false, bool dryRun = false)
    {
        FieldManager = fieldManager;
        Force = force;
        DryRun = dryRun;
    }

    /// <summary>The name under which the fields are owned; keep it stable.</summary>
    public required string FieldManager { get; init; }

    /// <summary>Take fields from other managers instead of failing with a Conflict.</summary>
    public bool Force { get; init; }

    /// <summary>The server goes through everything but stores nothing.</summary>
    public bool DryRun { get; init; }

    /// <summary>Which fields of the answer are read; everything when null. Answers are large, and writers often know what they wrote.</summary>
    public JsonProjection? Answer { get; init; }
}
