namespace GpuStack.Operator.Controllers;

/// <summary>The cluster drops a field that a child cannot be without.</summary>
internal sealed class FeatureUnavailableException(string message) : Exception(message);
