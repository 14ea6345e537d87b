namespace GpuStack.Simulator.ApiServer.Registry;

/// <summary>Where the scale subresource finds its three values.</summary>
/// <param name="SpecReplicas">Field names below the object.</param>
/// <param name="StatusReplicas">Field names below the object.</param>
/// <param name="Selector">Field names of the selector (a text, or a LabelSelector), null when there is none.</param>
internal sealed record ScalePaths(string[] SpecReplicas, string[] StatusReplicas, string[]? Selector);
