namespace GpuStack.Kubernetes.Metrics;

/// <summary>What is read from a queue when its metrics are asked for.</summary>
internal interface IQueueState
{
    /// <summary>Keys that want work now, by priority; those that a worker has and that were asked for again count.</summary>
    IReadOnlyDictionary<int, int> Depths();

    /// <summary>How long the keys in hand have been worked on, each.</summary>
    IReadOnlyList<TimeSpan> InHand();
}
