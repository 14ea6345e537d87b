namespace GpuStack.Operator.Supervision.Rpc;

/// <summary>What answers on the port is no RPC server that the leader could use; the message continues a sentence that begins with the worker's name.</summary>
internal sealed class RpcProtocolException(string message) : Exception(message);
