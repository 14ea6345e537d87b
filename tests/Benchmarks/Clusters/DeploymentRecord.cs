namespace GpuStack.Benchmarks.Clusters;

/// <summary>
/// When what happened to a deployment, in nanoseconds of the machine's monotonic clock, which all its processes share. Times are those at
/// which the simulated cluster's store told of an object.
/// </summary>
/// <param name="Name">The deployment's name.</param>
/// <param name="Created">The deployment itself was stored.</param>
/// <param name="LastChild">The last object that carries its label, pods aside; 0 while there is none.</param>
/// <param name="Children">How many such objects there were.</param>
/// <param name="Settled">It became Ready, or waits for capacity; 0 before.</param>
/// <param name="Waits">It waits for capacity.</param>
internal sealed record DeploymentRecord(string Name, long Created, long LastChild = 0, int Children = 0, long Settled = 0, bool Waits = false)
{
    /// <summary>Now, on the clock of the records.</summary>
    public static long Now => (long)(TimeProvider.System.GetTimestamp() * (1e9 / TimeProvider.System.TimestampFrequency));
}
