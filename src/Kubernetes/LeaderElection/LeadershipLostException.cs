namespace GpuStack.Kubernetes.LeaderElection;

/// <summary>The lease could not be renewed in time: somebody else may lead now.</summary>
public sealed class LeadershipLostException(string message) : Exception(message);
