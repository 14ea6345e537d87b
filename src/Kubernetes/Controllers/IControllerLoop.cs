namespace GpuStack.Kubernetes.Controllers;

/// <summary>A controller, whatever it controls.</summary>
internal interface IControllerLoop
{
    string Name { get; }

    Task RunAsync(CancellationToken cancellationToken);
}
