namespace GpuStack.Kubernetes.Hosting;

/// <summary>Something that the process needs could not start: a port that is taken, a certificate that is missing. The message says what to do.</summary>
public sealed class HostStartException(string message, Exception? innerException = null) : Exception(message, innerException);
