namespace GpuStack.Kubernetes.Controllers;

/// <summary>
/// Trying again would not help: the object is left alone until it, or something that belongs to it, changes. Thrown by a
/// reconciler, a finalizer or the code they call; <see cref="ReconciliationResult{T}.Terminal"/> says the same without a throw.
/// </summary>
/// <param name="message">What is wrong, and what must change.</param>
/// <param name="innerException">What was thrown first.</param>
public sealed class TerminalException(string message, Exception? innerException = null) : Exception(message, innerException);
