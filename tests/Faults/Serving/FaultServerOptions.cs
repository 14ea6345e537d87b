using GpuStack.Faults.Plans;

namespace GpuStack.Faults.Serving;

/// <summary>What a server is like.</summary>
public sealed record FaultServerOptions
{
    /// <summary>What goes wrong.</summary>
    public IFaultPlan Plan { get; init; } = new ScriptedFaultPlan();

    /// <summary>The clock of watch timeouts, bookmarks and drips.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>How it answers streaming lists.</summary>
    public StreamingLists Streaming { get; init; }

    /// <summary>How many changes a list that allows it may be behind: the server answers from a cache.</summary>
    public int Lag { get; init; }

    /// <summary>How often an open watch gets a bookmark.</summary>
    public TimeSpan BookmarkInterval { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>A watch from a version too old is answered with 410, not with 200 and an ERROR event.</summary>
    public bool ExpiredAsStatus { get; init; }

    /// <summary>The length of a line that is too long.</summary>
    public int HugeLineBytes { get; init; } = 4 * 1024 * 1024;

    /// <summary>Answers paths below <c>/control/</c>, as JSON.</summary>
    public Func<HttpRequestHead, string>? Control { get; init; }
}
