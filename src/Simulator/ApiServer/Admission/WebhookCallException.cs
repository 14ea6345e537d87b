namespace GpuStack.Simulator.ApiServer.Admission;

/// <summary>A webhook could not be asked, or answered nonsense; the message is in the words of a real API server.</summary>
internal sealed class WebhookCallException(string message, Exception? inner = null) : Exception(message, inner);
