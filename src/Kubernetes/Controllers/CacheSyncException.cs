namespace GpuStack.Kubernetes.Controllers;

/// <summary>A resource could not be listed in time; the message names it and the last failure.</summary>
public sealed class CacheSyncException(string message, Exception? innerException) : Exception(message, innerException);
