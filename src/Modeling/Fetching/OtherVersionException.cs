namespace GpuStack.Modeling.Fetching;

/// <summary>A file changed on its server between two requests: what is fetched must be planned anew, so that its files belong together.</summary>
internal sealed class OtherVersionException(string name) : Exception($"{name}: the file changed on the server while it was fetched; try again.");
