using System.Collections.Immutable;
using GpuStack.Operator.Supervision.Status;

namespace GpuStack.Operator.Supervision.Groups;

/// <summary>Asks the supervisors of a group's other pods.</summary>
internal sealed class PeerClient(TimeSpan timeout, TimeProvider time) : IDisposable
{
    private readonly StatusReader _reader = new(timeout, time);

    public async Task<PeerAnswer> AskAsync(PeerEndpoint peer, CancellationToken cancellationToken) =>
        PeerAnswer.Of(await _reader.AskAsync(peer.Host, peer.StatusPort, cancellationToken));

    /// <summary>All at once, in their order; never fails but by the token.</summary>
    public async Task<ImmutableArray<PeerAnswer>> AskAsync(ImmutableArray<PeerEndpoint> peers, CancellationToken cancellationToken) =>
        [.. await Task.WhenAll(peers.Select(peer => AskAsync(peer, cancellationToken)))];

    public void Dispose() => _reader.Dispose();
}
