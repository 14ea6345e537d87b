namespace GpuStack.Modeling.Tests.Fetching;

/// <summary>What goes wrong with one request for a file.</summary>
internal abstract record Fault
{
    /// <summary>The body ends after so many bytes, all of which arrive.</summary>
    public sealed record Cut(int After) : Fault;

    /// <summary>The connection is reset after so many bytes of the body, some of which may be lost on the way.</summary>
    public sealed record Reset(int After) : Fault;

    /// <summary>No more bytes come after so many of the body, until the reader leaves.</summary>
    public sealed record Stall(int After) : Fault;

    /// <summary>A status, with what it asks to wait.</summary>
    public sealed record Status(int Code, string? RetryAfter = null) : Fault;

    /// <summary>The whole file is sent, whatever was asked for.</summary>
    public sealed record IgnoreRange : Fault;

    /// <summary>The bytes are there, but not the right ones.</summary>
    public sealed record Corrupt : Fault;

    /// <summary>The bytes are elsewhere.</summary>
    public sealed record Redirect(Uri To) : Fault;

    /// <summary>A range is sent that nobody asked for.</summary>
    public sealed record WrongRange : Fault;

    /// <summary>Bytes are sent on and on.</summary>
    public sealed record TooMuch : Fault;
}
