namespace GpuStack.Kubernetes.Configuration;

/// <summary>Whether a credential plugin may ask the user.</summary>
internal enum ExecInteractiveMode
{
    Never,
    IfAvailable,
    Always,
}
