namespace GpuStack.Kubernetes.Client.Credentials;

/// <summary>
/// A request was not sent because there is nothing to prove who we are with: a token file that cannot be read, a
/// credential plugin that failed. The message is one sentence and holds no secret.
/// </summary>
public sealed class KubernetesCredentialException(string message, Exception? innerException = null) : HttpRequestException(message, innerException);
