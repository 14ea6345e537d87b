using System.Net.Sockets;

namespace GpuStack.Operator.Supervision.Rpc;

/// <summary>
/// Asks a worker who it is and what memory it has, over a connection of its own that is closed again. Only ever used while the worker serves
/// nobody: it serves one client at a time, and a second one that gives up later kills it.
/// </summary>
internal sealed class RpcProbe(TimeProvider time, TimeSpan timeout)
{
    /// <exception cref="RpcProtocolException">It cannot be reached, does not answer in time, or answers as no RPC server does.</exception>
    public async Task<RpcReport> AskAsync(string host, int port, RpcVersion? ours, CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(timeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, limit.Token);
        using var client = new TcpClient { NoDelay = true };
        try
        {
            await client.ConnectAsync(host, port, either.Token);
            await using var stream = client.GetStream();
            return await RpcConversation.AskAsync(stream, ours, either.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new RpcProtocolException($"listens and does not answer HELLO within {timeout.TotalSeconds:0.###} s: it hangs, or serves somebody else");
        }
        catch (EndOfStreamException)
        {
            throw new RpcProtocolException("closes the connection in the middle of an answer: its protocol is another one, or it just died");
        }
        catch (Exception exception) when (exception is SocketException or IOException)
        {
            throw new RpcProtocolException($"cannot be asked: {exception.Message.TrimEnd('.')}");
        }
    }
}
