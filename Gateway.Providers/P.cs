namespace Gateway.Providers; internal static class Placeholder { }
