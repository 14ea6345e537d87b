namespace GpuStack.Kubernetes.Configuration;

/// <summary>A kubeconfig cannot be used; the message is one sentence with the file, the field and what to do.</summary>
public sealed class KubeconfigException(string message, Exception? innerException = null) : Exception(message, innerException);
