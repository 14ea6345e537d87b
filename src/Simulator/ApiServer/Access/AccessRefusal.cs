namespace GpuStack.Simulator.ApiServer.Access;

/// <summary>A request that was refused.</summary>
/// <param name="User">Who asked.</param>
/// <param name="Message">The message of the 403.</param>
public sealed record AccessRefusal(string User, string Message);
