namespace GpuStack.Kubernetes.Queues;

/// <summary>Priorities of keys in a queue: any number will do, the higher goes first.</summary>
public static class QueuePriority
{
    /// <summary>What the first list and resyncs bring: nobody waits for it.</summary>
    public const int Low = -100;

    /// <summary>Changes.</summary>
    public const int Normal = 0;
}
