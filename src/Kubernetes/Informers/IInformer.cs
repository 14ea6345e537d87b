namespace GpuStack.Kubernetes.Informers;

/// <summary>An informer, whatever it informs of.</summary>
public interface IInformer
{
    /// <summary>The resource's plural name.</summary>
    string Resource { get; }

    /// <summary>Completes once the first list is cached and every handler knows of it; cancelled when the run ends before.</summary>
    Task InitialSync { get; }

    /// <summary>The last thing that went wrong; null when nothing did.</summary>
    Exception? LastError { get; }

    /// <summary>Follows the server until cancelled. Never throws.</summary>
    Task RunAsync(CancellationToken cancellationToken);
}
